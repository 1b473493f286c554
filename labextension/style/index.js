import "./card.css";
import "./compact.css";
